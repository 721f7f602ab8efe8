/** Injected failures between client and fake API. */

export interface Fault {
  /** Matches method and path with query: `GET /apis/apps/v1/...`. */
  readonly on: RegExp
  /** `cut` closes the connection; `hang` never responds; `slow` delays; `status` returns an error. */
  readonly what:
    | { readonly kind: 'cut' }
    | { readonly kind: 'hang' }
    | { readonly kind: 'slow'; readonly millis: number }
    | {
        readonly kind: 'status'
        readonly code: number
        readonly retryAfterSeconds?: number
        readonly reason?: string
        readonly message?: string
      }
  /** Number of requests affected. */
  times: number
}

/** The first that is due, which is then used up once. */
export function takeFault(faults: Fault[], request: string): Fault['what'] | undefined {
  const fault = faults.find(({ on, times }) => times > 0 && on.test(request))
  if (fault === undefined) return undefined
  fault.times -= 1
  return fault.what
}
