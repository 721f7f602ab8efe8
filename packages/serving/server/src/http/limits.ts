/** What one client may cost the server, with the defaults. */

export interface ServerLimits {
  /** Larger bodies are refused with 413. A megabyte of text is some 250,000 tokens. */
  readonly maxBodyBytes: number
  /** Longer request lines and headers are refused with 431. */
  readonly maxHeaderBytes: number
  /** More headers are, too. */
  readonly maxHeaders: number
  /** More connections are dropped unanswered; idle ones make way. */
  readonly maxConnections: number
  /** The same for one address: an IPv4 address or a /64 of IPv6. This machine itself and trusted proxies may have more. */
  readonly maxConnectionsPerAddress: number
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
  /** A profile of the server is recorded for so long at the most. */
  readonly maxProfileMillis: number
}

export const defaultLimits: ServerLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 200,
  maxConnections: 4096,
  maxConnectionsPerAddress: 1024,
  headersTimeoutMillis: 10_000,
  requestTimeoutMillis: 60_000,
  connectionsCheckMillis: 1_000,
  stallTimeoutMillis: 30_000,
  keepAliveMillis: 10_000,
  maxSequencesPerRequest: 128,
  maxProfileMillis: 60_000,
}
