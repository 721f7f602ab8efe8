/** True for any thenable. */
export function isThenable(said: unknown): said is PromiseLike<unknown> {
  return (
    typeof said === 'object' && said !== null && typeof (said as PromiseLike<unknown>).then === 'function'
  )
}
