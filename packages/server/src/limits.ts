/** What one client may cost the server, with the defaults. */

export interface ServerLimits {
  /** Larger bodies are refused with 413. A megabyte of text is some 250,000 tokens. */
  readonly maxBodyBytes: number
  /** More connections are dropped unanswered. */
  readonly maxConnections: number
  /** A connection that has not sent its headers by then is closed with 408. */
  readonly headersTimeoutMillis: number
  /** The same for the whole request. */
  readonly requestTimeoutMillis: number
  /** How often the two timeouts are looked at. */
  readonly connectionsCheckMillis: number
  /** A stream whose reader takes nothing for this long is cancelled. */
  readonly stallTimeoutMillis: number
  /** A connection that waits for its answer hears something after this long, and again and again. */
  readonly keepAliveMillis: number
  /** Most sequences one request may start: its prompts times `n`. */
  readonly maxSequencesPerRequest: number
}

export const defaultLimits: ServerLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxConnections: 4096,
  headersTimeoutMillis: 10_000,
  requestTimeoutMillis: 60_000,
  connectionsCheckMillis: 1_000,
  stallTimeoutMillis: 30_000,
  keepAliveMillis: 10_000,
  maxSequencesPerRequest: 128,
}
