/** Features that are computed and not learnt. */

export * from './errors.ts'
export { type ScatteringOptions, scattering, scatteringChannels } from './scattering.ts'
