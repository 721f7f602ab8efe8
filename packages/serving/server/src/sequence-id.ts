/** How engines know the sequences of a generation. */

/** The generation's own id where it has a single sequence. */
export const sequenceId = (generation: string, choice: number, sequences: number): string =>
  sequences === 1 ? generation : `${generation}.${choice}`
