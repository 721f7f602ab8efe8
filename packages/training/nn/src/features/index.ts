/** Features that are computed and not learnt. */

export { type ScatteringOptions, scattering, scatteringChannels } from './scattering.ts'
export { type GreyImages, type ScatteringFeatures, scatteringFeatures } from './scattering-features.ts'
