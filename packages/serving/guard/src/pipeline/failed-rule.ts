/**
 * Rule of the finding that a check could not read a text, where the policy fails closed.
 *
 * @internal
 */
export const failedRule = 'guard.failed'
