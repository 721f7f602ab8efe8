/** Numbers by names that come from traces, where `constructor` is a name like others. */

export const tally = (): Record<string, number> => Object.create(null) as Record<string, number>
