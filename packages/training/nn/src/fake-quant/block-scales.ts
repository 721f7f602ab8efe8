/** Shared code of formats with one scale per block. */

/** A smaller scale underflows to zero in half precision, and so do its products; its inverse may be infinite. */
export const minInvertible = 1e-30
