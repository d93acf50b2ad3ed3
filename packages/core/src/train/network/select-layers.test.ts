import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.js";
import { nodesOf } from "../../graph/graph.js";
import { efficientNet } from "../../models/efficientnet.js";
import { selectLayers, trainedWeights, unfreezeWords, unfreezeWordsOf } from "./select-layers.js";

const b0 = efficientNet("efficientnet-b0", { includeTop: false, pooling: "avg" });
const v2 = efficientNet("efficientnet-v2-b0", { includeTop: false, pooling: "avg" });
const select = (text: string) => selectLayers(b0, text);

describe("unfreezeWordsOf", () => {
  it("leaves out the blocks that a network does not have", () => {
    expect(unfreezeWordsOf(b0)).toEqual(unfreezeWords);
    expect(unfreezeWordsOf(v2)).toEqual(unfreezeWords.filter((word) => word !== "block7"));
  });
});

describe("selectLayers", () => {
  it("selects none for the head alone, and every layer with weights that train for all", () => {
    expect(select("head")).toEqual([]);
    const all = select("all");
    expect(all[0]).toBe("stem_conv");
    expect(all.at(-1)).toBe("top_bn");
    expect(all).not.toContain("normalization");
    const own = nodesOf(b0, "Weight").filter(({ attrs }) => attrs.trainable);
    expect(new Set(all)).toEqual(new Set(own.map(({ layer }) => layer!.name)));
  });

  it("selects with a word its layers and all above them, so that each word selects more than the one before", () => {
    expect(select("top")).toEqual(["top_conv", "top_bn"]);
    const counts = unfreezeWords.map((word) => select(word).length);
    expect(counts.every((count, i) => i === 0 || count > counts[i - 1]!)).toBe(true);
    for (const word of unfreezeWords.slice(1)) expect(select(word)).toEqual(select("all").slice(-select(word).length));
    expect(select("block6")[0]).toBe("block6a_expand_conv");
    expect(select(" Block6 ")).toEqual(select("block6"));
  });

  it("selects with patterns just what they name, in the order of the network", () => {
    expect(select("top_*, block7a_se_*")).toEqual(["block7a_se_reduce", "block7a_se_expand", "top_conv", "top_bn"]);
    expect(select("stem_conv,stem_conv,,")).toEqual(["stem_conv"]);
  });

  it.each([
    ["block9*", 'unfreeze "block9*": matches no layer with weights; the nearest are block'],
    ["blok6*", "the nearest are block6*, "],
    ["blok6", 'block1, all (did you mean "block6"?)'],
    ["top_cnv", "the nearest are top_conv, "],
    ["stem_conf", "the nearest are stem_conv, stem_bn"],
    ["stem.conv", "matches no layer"],
    ["constructor", "matches no layer"],
    ["", "expected head, top"],
    [" , ", "expected head, top"],
  ])("names what it expected of %j", (text, message) => {
    expect(() => select(text)).toThrow(InputError);
    expect(() => select(text)).toThrow(message);
  });

  it("tells the blocks that a network has", () => {
    expect(() => selectLayers(v2, "block7")).toThrow(
      'unfreeze "block7": this network has no such block, expected one of head, top, block6, block5',
    );
  });
});

describe("trainedWeights", () => {
  it("lists kernels and biases, those of normalizations where they train, and no moving average", () => {
    const layers = ["block7a_se_reduce", "top_conv", "top_bn"];
    const frozen = ["block7a_se_reduce/kernel", "block7a_se_reduce/bias", "top_conv/kernel"];
    expect(trainedWeights(b0, layers, false)).toEqual(frozen);
    expect(trainedWeights(b0, layers, true)).toEqual([...frozen, "top_bn/gamma", "top_bn/beta"]);
    expect(trainedWeights(b0, [], true)).toEqual([]);
  });
});
