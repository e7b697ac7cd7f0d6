/** What can go wrong between the console and the server, as one type. */

/** Every code of `siyu-types/src/error.rs`; a test compares the two. */
export const ERROR_CODES = [
  "internal", "invalid_input", "malformed_body", "too_large", "invalid_date", "invalid_range", "invalid_time_zone",
  "unknown_name", "type_mismatch", "too_complex", "personal_values", "too_many_values", "not_found", "conflict", "in_use", "already_one_person", "two_values", "too_many_identifiers", "nothing_would_stay", "not_undoable", "wrong_state", "relation_to_itself", "relation_taken",
  "relation_circle", "relations_full", "not_related", "unauthenticated",
  "wrong_credentials", "forbidden", "not_author", "csrf_mismatch", "reveals_used_up", "rate_limited", "overloaded", "disk_full", "invalid_key",
  "invalid_record", "unsupported_file", "invalid_mapping", "template_syntax", "template_missing_variable",
  "template_too_costly", "channel_not_configured", "provider_refused", "provider_timeout", "provider_unreachable", "secret_unreadable",
  "forbidden_address", "sql_syntax", "sql_refused", "sql_failed", "sql_too_slow", "sql_too_much_memory", "sql_cancelled", "sql_busy", "not_verified", "hash_is_final", "hash_needs_sealing", "value_is_hashed", "wrong_code", "copy_gone",
] as const;

/** `unreachable` is ours: no answer came at all. */
export type ErrorCode = (typeof ERROR_CODES)[number] | "unreachable";

export class ApiError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly status: number,
    readonly field?: string,
    readonly params: Record<string, string> = {},
    readonly requestId?: string,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** The same request may succeed later. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface Envelope {
  error: { code: string; message: string; field?: string | null; params?: Record<string, string>; request_id?: string };
}

function isEnvelope(body: unknown): body is Envelope {
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "object";
}

function isErrorCode(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code);
}

export function errorFromBody(status: number, body: unknown): ApiError {
  if (!isEnvelope(body)) return new ApiError("internal", `HTTP ${status}`, status);
  const { code, message, field, params, request_id } = body.error;
  return new ApiError(isErrorCode(code) ? code : "internal", message, status, field ?? undefined, params, request_id);
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("internal", error instanceof Error ? error.message : String(error), 0);
}
