/**
 * How long requests wait for engines that are not full: queues of M/M/c, where c is how many requests all engines together answer
 * at once. What is exact needs a sum over c; Sakasegawa's approximation needs none, and is exact for c = 1.
 *
 * Sources: A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone
 * Exchanges" (1917); H. Sakasegawa, "An approximation formula Lq = alpha * rho^beta / (1 - rho)", Annals of the Institute of
 * Statistical Mathematics 29 (1977).
 */

/** Above it, the steady state is more than one step away: the counted backlog is more accurate. */
const fullest = 0.98

/** Probability that a request has to wait at all. `utilisation` from 0 to 1, `places` from 1 on. */
export function waitingProbability(utilisation: number, places: number): number {
  const rho = clamped(utilisation)
  return rho ** (Math.sqrt(2 * (places + 1)) - 1)
}

/** Requests that wait, on average. */
export function meanWaiting(utilisation: number, places: number): number {
  const rho = clamped(utilisation)
  return (waitingProbability(rho, places) * rho) / (1 - rho)
}

/** What 99 of 100 requests wait less than, in the unit of `serviceMean`. */
export function p99Wait(utilisation: number, places: number, serviceMean: number): number {
  const rho = clamped(utilisation)
  const waits = waitingProbability(rho, places)
  return waits <= 0.01 ? 0 : (Math.log(waits / 0.01) * serviceMean) / (places * (1 - rho))
}

const clamped = (utilisation: number): number => Math.min(fullest, Math.max(0, utilisation))
