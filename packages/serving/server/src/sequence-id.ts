/** Engine ids of a generation's sequences. */

/** The generation's own id if it has a single sequence. */
export const sequenceId = (generation: string, choice: number, sequences: number): string =>
  sequences === 1 ? generation : `${generation}.${choice}`
