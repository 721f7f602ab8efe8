/** Resource limits per client, with defaults. */

export interface ServerLimits {
  /** Larger bodies are rejected with 413. A megabyte of text is about 250,000 tokens. */
  readonly maxBodyBytes: number
  /** Bodies of all requests together; more are refused with 503. */
  readonly maxBodiesBytes: number
  /** Longer request lines and headers are rejected with 431. */
  readonly maxHeaderBytes: number
  /** More headers are rejected with 431. */
  readonly maxHeaders: number
  /**
   * Connections with a request; further requests of clients are refused with 503. When too many are open, those that have waited longest
   * for a request are closed.
   */
  readonly maxConnections: number
  /** The limit per IPv4 address or IPv6 /64. Loopback and trusted proxies are exempt. */
  readonly maxConnectionsPerAddress: number
  /** A connection that has not sent its headers within this time is closed with 408. */
  readonly headersTimeoutMillis: number
  /** The timeout for the whole request. */
  readonly requestTimeoutMillis: number
  /** Interval at which the two timeouts are checked. */
  readonly connectionsCheckMillis: number
  /** A stream whose client reads nothing for this long is cancelled. */
  readonly stallTimeoutMillis: number
  /** Interval of keep-alives on a connection that waits for its response. */
  readonly keepAliveMillis: number
  /** Maximum sequences per request: prompts times `n`. */
  readonly maxSequencesPerRequest: number
  /** Maximum duration of a recorded server profile. */
  readonly maxProfileMillis: number
}

export const defaultLimits: ServerLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxBodiesBytes: 256 * 1024 * 1024,
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
