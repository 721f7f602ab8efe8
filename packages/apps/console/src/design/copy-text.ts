/** Copies text to the clipboard, also over plain HTTP, where browsers provide no `clipboard`. */

/** Rejects where the browser does not let it. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text)
  const had = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'visually-hidden'
  // In the dialog that is open: nothing outside of it can have the focus.
  ;(had?.closest('dialog') ?? document.body).append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  if (had instanceof HTMLElement) had.focus({ preventScroll: true })
  if (!isCopied) throw new Error('The browser does not let the page copy.')
}
