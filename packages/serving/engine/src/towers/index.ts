/** For the program of a dual-encoder model, which needs nothing else of this package. */

export { serveTowers } from './serve-towers.ts'
export type { OpenTowers, Towers, TowersConfig, TowersModel } from './towers.ts'
