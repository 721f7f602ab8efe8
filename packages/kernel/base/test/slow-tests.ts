/** Random and repeated tests have a short form, which `npm test` runs, and a long one, which runs at night with `HADAL_SLOW_TESTS=1`. */

export const runsSlowTests: boolean = process.env.HADAL_SLOW_TESTS !== undefined

/** How often to repeat: `runs(20, 200)`. */
export const runs = (short: number, long: number): number => (runsSlowTests ? long : short)
