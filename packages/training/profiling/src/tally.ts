/** Counters by untrusted names, where `constructor` is an ordinary name. */

export const tally = (): Record<string, number> => Object.create(null) as Record<string, number>
