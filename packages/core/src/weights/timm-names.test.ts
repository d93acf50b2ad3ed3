import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { readSafetensors } from "./safetensors.js";
import { fromTimmName } from "./timm-names.js";

describe("fromTimmName", () => {
  it.each([
    ["conv_stem.weight", "stem_conv/kernel"],
    ["bn1.running_var", "stem_bn/moving_variance"],
    ["blocks.0.0.conv_dw.weight", "block1a_dwconv/kernel"],
    ["blocks.0.0.bn1.weight", "block1a_bn/gamma"],
    ["blocks.0.1.conv_pw.weight", "block1b_project_conv/kernel"],
    ["blocks.0.0.bn2.bias", "block1a_project_bn/beta"],
    ["blocks.1.0.conv_pw.weight", "block2a_expand_conv/kernel"],
    ["blocks.1.0.bn1.running_mean", "block2a_expand_bn/moving_mean"],
    ["blocks.2.1.conv_dw.weight", "block3b_dwconv/kernel"],
    ["blocks.2.1.bn2.weight", "block3b_bn/gamma"],
    ["blocks.2.1.se.conv_reduce.bias", "block3b_se_reduce/bias"],
    ["blocks.2.1.se.conv_expand.weight", "block3b_se_expand/kernel"],
    ["blocks.5.12.conv_pwl.weight", "block6m_project_conv/kernel"],
    ["blocks.6.0.bn3.bias", "block7a_project_bn/beta"],
    ["conv_head.weight", "top_conv/kernel"],
    ["bn2.weight", "top_bn/gamma"],
    ["classifier.bias", "predictions/bias"],
  ])("%s is %s", (timmName, name) => {
    expect(fromTimmName(timmName)).toEqual({ kind: "weight", name, isTransposed: false });
  });

  it("transposes the classifier alone", () => {
    const meaning = { kind: "weight", name: "predictions/kernel", isTransposed: true };
    expect(fromTimmName("classifier.weight")).toEqual(meaning);
  });

  it("leaves out the counter of batches", () => {
    expect(fromTimmName("blocks.3.2.bn3.num_batches_tracked")).toEqual({ kind: "counter" });
  });

  it.each([
    "",
    "foo",
    "conv_stem",
    "conv_stem.scale",
    "blocks.0.0.conv_pwl.weight",
    "blocks.0.26.conv_dw.weight",
    "blocks.0.0.bn1.gamma",
    "conv_stem.num_batches_tracked",
    "constructor.weight",
    "blocks.1.0.toString.weight",
    "bn1.constructor",
  ])("does not know %j", (name) => {
    expect(fromTimmName(name)).toEqual({ kind: "unknown" });
  });

  it("knows every tensor of Lite0, each as another variable", () => {
    const path = repositoryFolder("packages", "weights-lite0", "efficientnet-lite0.safetensors");
    const meanings = [...readSafetensors(readFileSync(path)).tensors.keys()].map(fromTimmName);
    const names = meanings.map((meaning) => (meaning.kind === "weight" ? meaning.name : meaning.kind));
    expect(new Set(names).size).toBe(247);
    expect(names).not.toContain("unknown");
    expect(names).not.toContain("counter");
  });
});
