import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/errors";
import { PIECE_BYTES, upload, type UploadServer } from "./upload";

const never = new AbortController().signal;

/** A server in memory that fails the calls it is told to. */
function fake(failures: Record<number, "lost" | "after" | "full">) {
  const got: number[] = [];
  let received = 0;
  let calls = 0;
  const state = (bytes: number) => ({ id: 7, name: "f.csv", bytes, received });
  let total = 0;
  const server: UploadServer = {
    begin: (_, bytes) => {
      total = bytes;
      return Promise.resolve(state(bytes));
    },
    look: () => Promise.resolve(state(total)),
    send: (_, piece, range) => {
      calls += 1;
      const failure = failures[calls];
      if (failure === "lost") return Promise.reject(new ApiError("unreachable", "", 0));
      if (failure === "full") return Promise.reject(new ApiError("too_large", "", 413));
      const from = Number(/^bytes (\d+)-/.exec(range)?.[1]);
      if (from !== received) return Promise.reject(new ApiError("conflict", "", 409));
      received += piece.size;
      got.push(from);
      // The piece arrived, its answer did not.
      if (failure === "after") return Promise.reject(new ApiError("unreachable", "", 0));
      return Promise.resolve(state(total));
    },
    wait: () => Promise.resolve(),
  };
  return { server, got, calls: () => calls };
}

const file = new File([new Uint8Array(2 * PIECE_BYTES + 5)], "f.csv");

describe("upload", () => {
  it("sends every piece once", async () => {
    const { server, got } = fake({});
    const seen: number[] = [];
    expect((await upload(file, (sent) => seen.push(sent.received), never, server)).received).toBe(file.size);
    expect(got).toEqual([0, PIECE_BYTES, 2 * PIECE_BYTES]);
    expect(seen).toEqual([0, PIECE_BYTES, 2 * PIECE_BYTES, file.size]);
  });

  it("goes on where the server is, whether the piece or its answer was lost", async () => {
    const { server, got, calls } = fake({ 2: "lost", 3: "after" });
    await upload(file, () => undefined, never, server);
    expect(got).toEqual([0, PIECE_BYTES, 2 * PIECE_BYTES]);
    expect(calls()).toBe(4);
  });

  it("gives up at once on what will not pass, and after a while on what does not", async () => {
    const full = fake({ 2: "full" });
    await expect(upload(file, () => undefined, never, full.server)).rejects.toMatchObject({ code: "too_large" });
    expect(full.calls()).toBe(2);
    const gone = fake({ 1: "lost", 2: "lost", 3: "lost", 4: "lost", 5: "lost" });
    await expect(upload(file, () => undefined, never, gone.server)).rejects.toMatchObject({ code: "unreachable" });
  });
});
