/** What goes wrong between a client and the fake API, on purpose. */

export interface Fault {
  /** Of `GET /apis/apps/v1/...`: method and path with its query. */
  readonly on: RegExp
  /** `cut` closes the connection; `hang` never answers; `slow` answers later; `status` answers with a code. */
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
  /** How many requests meet it. */
  times: number
}

/** The first that is due, which is then used up once. */
export function takeFault(faults: Fault[], request: string): Fault['what'] | undefined {
  const fault = faults.find(({ on, times }) => times > 0 && on.test(request))
  if (fault === undefined) return undefined
  fault.times -= 1
  return fault.what
}
