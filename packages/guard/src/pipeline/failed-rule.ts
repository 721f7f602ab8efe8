/** Rule of the finding that a check could not read a text, where the policy fails closed. */
export const failedRule = 'guard.failed'
