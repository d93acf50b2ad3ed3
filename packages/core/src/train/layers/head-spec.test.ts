import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.js";
import { parseHead } from "./head-spec.js";

const dense = (units: number, activation: string) => ({ kind: "dense", units, activation });

describe("parseHead", () => {
  it.each([
    ["flatten dense(256,relu) dropout(0.5)", [{ kind: "flatten" }, dense(256, "relu"), { kind: "dropout", rate: 0.5 }]],
    [
      "  Flatten,Dense( 256 , ReLU ),  DROPOUT (.5)  ",
      [{ kind: "flatten" }, dense(256, "relu"), { kind: "dropout", rate: 0.5 }],
    ],
    ["dense(64, swish) dense(32)", [dense(64, "silu"), dense(32, "linear")]],
    ["dense(1,tanh)dense(2,sigmoid)dense(3,relu6)", [dense(1, "tanh"), dense(2, "sigmoid"), dense(3, "relu6")]],
    ["dropout(0)", [{ kind: "dropout", rate: 0 }]],
    ["flatten", [{ kind: "flatten" }]],
  ])("reads %j", (text, layers) => {
    expect(parseHead(text, 9)).toEqual(layers);
  });

  it("takes linear alone as logistic regression", () => {
    expect(parseHead(" Linear ", 9)).toBe("linear");
  });

  it("takes a closing dense layer with a unit per class for the classifier, which every head has", () => {
    for (const closing of ["dense(9)", "dense(9, softmax)", "dense(9, linear)"]) {
      expect(parseHead(`flatten ${closing}`, 9)).toEqual([{ kind: "flatten" }]);
    }
    expect(parseHead("dense(9, relu)", 9)).toEqual([dense(9, "relu")]);
    expect(parseHead("dense(9) dropout(0.5)", 9)).toEqual([dense(9, "linear"), { kind: "dropout", rate: 0.5 }]);
  });

  const forms = "linear, flatten, dense(units), dense(units, activation), dropout(rate)";
  it.each([
    ["", `head "": no layers, expected some of ${forms}`],
    [" , ", `head " , ": no layers, expected some of ${forms}`],
    [
      "flatten dens(256)",
      `head "flatten dens(256)": "dens(256)" at character 9: unknown layer, expected one of ${forms}`,
    ],
    ["constructor", `head "constructor": "constructor" at character 1: unknown layer, expected one of ${forms}`],
    ["dense(256", `head "dense(256": a "(" is not closed at character 6, expected some of ${forms}`],
    ["dense(256))", `head "dense(256))": unexpected ")" at character 11, expected some of ${forms}`],
    ["flatten; dense(2)", `head "flatten; dense(2)": unexpected ";" at character 8, expected some of ${forms}`],
    [
      "dense(8,rela)",
      'head "dense(8,rela)": "dense(8,rela)" at character 1: unknown activation "rela", ' +
        "expected one of linear, relu, relu6, silu, sigmoid, tanh, softmax",
    ],
    [
      "dense(10, softmax)",
      'head "dense(10, softmax)": "dense(10, softmax)" at character 1: ' +
        "expected 9 units, one per class, got 10; it may be left out, it is added",
    ],
    [
      "dense(9, softmax) dropout(0.1)",
      'head "dense(9, softmax) dropout(0.1)": "dense(9, softmax)" at character 1: ' +
        "expected softmax in the last layer only; it may be left out, it is added",
    ],
    ["flatten(2)", 'head "flatten(2)": "flatten(2)" at character 1: expected "flatten" without parentheses'],
    ["linear(3)", 'head "linear(3)": "linear(3)" at character 1: expected "linear" without parentheses'],
  ])("says what is wrong with %j", (text, message) => {
    const parse = () => parseHead(text, 9);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(new InputError(message));
  });

  it.each(["dense", "dense()", "dense(0)", "dense(-1)", "dense(2.5)", "dense(1e9)", "dense(99999)", "dense(2,relu,3)"])(
    "refuses the units of %s",
    (text) => {
      expect(() => parseHead(text, 9)).toThrow(
        "expected dense(units) or dense(units, activation) with 1 to 16384 units",
      );
    },
  );

  it.each(["dropout", "dropout()", "dropout(1)", "dropout(-0.1)", "dropout(half)", "dropout(0.1, 2)"])(
    "refuses the rate of %s",
    (text) => {
      expect(() => parseHead(text, 9)).toThrow("expected dropout(rate) with a rate from 0 up to 1");
    },
  );

  it("tells how to write a dense layer without activation where linear stands among layers", () => {
    expect(() => parseHead("dense(8,relu) linear", 9)).toThrow('"linear" at character 15: stands alone');
  });
});
