/** Reads selected files as text, up to a size limit. */

export const sizeOf = (files: readonly File[]): number => files.reduce((sum, { size }) => sum + size, 0)

/** Whole files if they fit in `maxBytes` together, else the tail of each. */
export async function readFiles(
  files: readonly File[],
  maxBytes: number,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const each = sizeOf(files) <= maxBytes ? maxBytes : Math.floor(maxBytes / files.length)
  return Promise.all(
    files.map(async (file) => ({
      name: file.name,
      text: await file.slice(Math.max(0, file.size - each)).text(),
    })),
  )
}
