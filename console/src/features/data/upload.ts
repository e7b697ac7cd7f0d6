/** Sends a file in pieces: a lost connection costs one piece, not the file. */
import { get, post, putPiece } from "../../api/client";
import { asApiError, ApiError } from "../../api/errors";
import type { Upload } from "../../api/types";

export const PIECE_BYTES = 8 * 1024 * 1024;
const ATTEMPTS_MAX = 5;
const WAIT_MILLIS = 1_000;

export interface Sent {
  received: number;
  bytes: number;
}

/** The part of the server that is spoken to; tests bring their own. */
export interface UploadServer {
  begin: (name: string, bytes: number) => Promise<Upload>;
  look: (id: number) => Promise<Upload>;
  send: (id: number, piece: Blob, range: string, signal: AbortSignal) => Promise<Upload>;
  wait: (millis: number) => Promise<void>;
}

const server: UploadServer = {
  begin: (name, bytes) => post<Upload>("/imports/uploads", { name, bytes }),
  look: (id) => get<Upload>(`/imports/uploads/${id}`),
  send: (id, piece, range, signal) => putPiece<Upload>(`/imports/uploads/${id}/content`, piece, range, signal),
  wait: (millis) => new Promise((resolve) => setTimeout(resolve, millis)),
};

/** Uploads a file and answers what the server has of it. */
export async function upload(file: File, onProgress: (sent: Sent) => void, signal: AbortSignal, to: UploadServer = server): Promise<Upload> {
  let state = await to.begin(file.name, file.size);
  let failures = 0;
  while (state.received < file.size) {
    signal.throwIfAborted();
    onProgress({ received: state.received, bytes: file.size });
    const end = Math.min(state.received + PIECE_BYTES, file.size);
    const range = `bytes ${state.received}-${end - 1}/${file.size}`;
    try {
      state = await to.send(state.id, file.slice(state.received, end), range, signal);
      failures = 0;
    } catch (cause) {
      signal.throwIfAborted();
      const error = asApiError(cause);
      failures += 1;
      if (failures >= ATTEMPTS_MAX || !mayPass(error)) throw error;
      await to.wait(WAIT_MILLIS * failures);
      state = await to.look(state.id).catch(() => state);
    }
  }
  onProgress({ received: file.size, bytes: file.size });
  return state;
}

/** The connection may come back; a piece in the wrong place is put right by asking. */
function mayPass(error: ApiError): boolean {
  return error.retryable || error.code === "conflict" || error.code === "malformed_body";
}
