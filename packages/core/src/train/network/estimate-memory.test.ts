import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.js";
import { GraphBuilder } from "../../graph/graph.js";
import { estimateMemory, imagesWithin } from "./estimate-memory.js";

const MB = 2 ** 20;

/** A chain of maps of 1 MB an image: two live at a time. */
function chain(length: number) {
  const net = new GraphBuilder();
  let x = net.add("Input", "x", [], { shape: ["N", 4, 256, 256] });
  for (let i = 0; i < length; i++) x = net.add("Relu", `relu${i}`, [x], {});
  return net.build([x]);
}

describe("estimateMemory", () => {
  it("grows with the images, not with what is dead by then", () => {
    const per = (length: number) => estimateMemory(chain(length), [], 10) - estimateMemory(chain(length), [], 5);
    expect(per(3)).toBe(per(30));
    expect(per(3) / MB).toBeCloseTo(5 * 2 * 1.77, 1);
  });

  it("counts what is kept for later: a sum of the first and the last value holds both", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 4, 256, 256] });
    net.add("Relu", "a", ["x"], {});
    net.add("Relu", "b", ["a"], {});
    net.add("Relu", "c", ["b"], {});
    net.add("Add", "sum", ["c", "x"], {});
    const held = estimateMemory(net.build(["sum"]), [], 1) - estimateMemory(chain(3), [], 1);
    expect(held / MB).toBeCloseTo(1.77, 1);
  });
});

describe("imagesWithin", () => {
  it("takes the whole batch where it fits, else halves until it does", () => {
    const graph = chain(3);
    expect(imagesWithin(10_000 * MB, graph, [], 32)).toBe(32);
    const images = imagesWithin(250 * MB, graph, [], 32);
    expect(images).toBe(8);
    expect(estimateMemory(graph, [], images)).toBeLessThanOrEqual(250 * MB);
    expect(estimateMemory(graph, [], 2 * images)).toBeGreaterThan(250 * MB);
  });

  it("says what the least is where not even one image fits", () => {
    expect(() => imagesWithin(100 * MB, chain(3), [], 32)).toThrow(InputError);
    expect(() => imagesWithin(100 * MB, chain(3), [], 32)).toThrow(
      "a step on one image takes about 204 MB, got 100 MB",
    );
  });
});
