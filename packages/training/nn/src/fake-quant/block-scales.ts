/** What the formats with one scale for a block have in common. */

/** A smaller scale is zero in half precision by far, and so is what it is multiplied with; its inverse may be infinite. */
export const minInvertible = 1e-30
