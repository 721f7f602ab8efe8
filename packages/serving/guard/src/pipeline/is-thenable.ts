/** Whether something has to be waited for, whoever made it. */
export function isThenable(said: unknown): said is PromiseLike<unknown> {
  return (
    typeof said === 'object' && said !== null && typeof (said as PromiseLike<unknown>).then === 'function'
  )
}
