/**
 * Rule of the finding for a failed check, if the policy fails closed.
 *
 * @internal
 */
export const failedRule = 'guard.failed'
