/**
 * Splits streamed Markdown into blocks that can be parsed separately: blocks before the last never change, so they are rendered once. Each
 * is small enough to parse within a frame, whatever the model writes: endless paragraphs, tables with thousands of rows, nested brackets.
 *
 * Recognizes only blank lines, code fences, table rows and list items. The rest is left to micromark.
 */

export type Piece = ProsePiece | CodePiece | TablePiece | PlainPiece

export interface ProsePiece {
  readonly kind: 'prose'
  readonly text: string
  /** The rest of a paragraph that was too long for one piece: whatever its first characters are, they begin no block. */
  readonly isRest: boolean
}

export interface CodePiece {
  readonly kind: 'code'
  readonly language: string
  readonly text: string
  /** Its closing fence has not come. */
  readonly isOpen: boolean
  /** Is inside a list item. */
  readonly isInset: boolean
}

export interface TablePiece {
  readonly kind: 'table'
  /** The two lines that make it a table. */
  readonly head: string
  readonly rows: string
  /** Continues the table of the previous piece. */
  readonly isRest: boolean
}

/** Nested too deeply to render: shown as source. */
export interface PlainPiece {
  readonly kind: 'plain'
  readonly text: string
}

/** From this cost on a piece ends where that shows least: before an item of a list, a quoted blank line, a row. */
const easyCost = 800
/** No piece costs more, wherever that cuts it. */
const maxCost = 2_500

const fencePattern = /^(\s*)(`{3,}|~{3,})([^\n]*)$/
const itemPattern = /^ {0,3}(?:[-+*]|\d{1,9}[.)])(?:\s|$)/
const delimiterRow = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/
const blockStart = /^ {0,3}(?:>|#{1,6}(?:\s|$)|(?:[-+*]|\d{1,9}[.)])\s)/
const deepNesting = /^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){7}/
const definitionPattern = /^ {0,3}\[([^\]\\^][^\]\\]{0,199})\]:[ \t]*\S/
const maxDefinitions = 50

interface Fence {
  readonly mark: string
  readonly indent: number
}

/** A piece that is being written. */
type Open =
  | {
      kind: 'prose'
      text: string
      lastLine: string
      cost: number
      isRest: boolean
      isList: boolean
      isAfterBlank: boolean
    }
  | { kind: 'code'; text: string; language: string; isInset: boolean; fence: Fence; isEmpty: boolean }
  | { kind: 'table'; head: string; rows: string; cost: number; isRest: boolean }

export class BlockSplitter {
  #pieces: Piece[] = []
  #open: Open | undefined
  #read = ''
  #definitions = new Map<string, string>()

  /** The pieces of `text`. If `text` extends the previous input, only the new part is parsed. */
  update(text: string): readonly Piece[] {
    if (!text.startsWith(this.#read)) this.#reset()
    let from = this.#read.length
    for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
      this.#line(text.slice(from, text[end - 1] === '\r' ? end - 1 : end))
      from = end + 1
    }
    this.#read = text.slice(0, from)
    return this.#withUnfinished(text.slice(from))
  }

  /** Lines such as `[label]: https://…`, by what links call them. */
  get definitions(): ReadonlyMap<string, string> {
    return this.#definitions
  }

  /** The last line may be incomplete: it is parsed as it is, and again when more of it arrives. */
  #withUnfinished(line: string): readonly Piece[] {
    const pieces = this.#pieces
    const open = this.#open
    this.#pieces = [...pieces]
    this.#open = open && { ...open }
    if (line !== '') this.#line(line)
    this.#close()
    const all = this.#pieces
    this.#pieces = pieces
    this.#open = open
    return all
  }

  #line(line: string): void {
    const open = this.#open
    const fence = open?.kind === 'code' ? undefined : this.#fenceOf(line)
    if (open?.kind === 'code') this.#codeLine(open, line)
    else if (fence !== undefined) this.#beginCode(fence)
    else if (line.trim() === '') this.#blankLine()
    else if (deepNesting.test(line)) this.#plainLine(line)
    else if (open?.kind === 'table' && !blockStart.test(line)) this.#row(open, line)
    else if (open?.kind === 'prose' && this.#isTableBelow(open, line)) this.#beginTable(open, line)
    else {
      if (open?.kind === 'table' || (open?.kind === 'prose' && endsBefore(open, line))) this.#close()
      this.#proseLine(line)
    }
  }

  #beginCode({ mark, indent, language }: Fence & { readonly language: string }): void {
    const isInset = this.#open?.kind === 'prose' && this.#open.isList && indent > 0
    this.#close()
    this.#open = { kind: 'code', text: '', language, isInset, fence: { mark, indent }, isEmpty: true }
  }

  #fenceOf(line: string): (Fence & { readonly language: string }) | undefined {
    const match = fencePattern.exec(line)
    if (match === null) return undefined
    const [, space = '', mark = '', info = ''] = match
    if (mark.startsWith('`') && info.includes('`')) return undefined
    const isInList = this.#open?.kind === 'prose' && this.#open.isList
    if (space.length > 3 && !isInList) return undefined
    return { mark, indent: space.length, language: info.trim().split(/\s/, 1)[0]!.slice(0, 40) }
  }

  #codeLine(open: Open & { kind: 'code' }, line: string): void {
    const trimmed = line.trim()
    const { mark, indent } = open.fence
    if (trimmed.length >= mark.length && trimmed === mark[0]!.repeat(trimmed.length)) {
      this.#close(true)
      return
    }
    let skipped = 0
    while (skipped < indent && line[skipped] === ' ') skipped++
    open.text += `${open.isEmpty ? '' : '\n'}${line.slice(skipped)}`
    open.isEmpty = false
  }

  #blankLine(): void {
    const open = this.#open
    if (open?.kind === 'prose' && open.isList) {
      open.isAfterBlank = true
      open.text += '\n'
    } else this.#close()
  }

  #plainLine(line: string): void {
    this.#close()
    for (let at = 0; at < line.length; at += maxCost)
      this.#pieces.push({ kind: 'plain', text: line.slice(at, at + maxCost) })
  }

  /** Dashes and bars alone, under a line with bars. */
  #isTableBelow(open: Open & { kind: 'prose' }, line: string): boolean {
    if (open.isList || !open.lastLine.includes('|') || !line.includes('-') || !delimiterRow.test(line))
      return false
    return costOf(open.lastLine) + costOf(line) <= easyCost
  }

  #beginTable(open: Open & { kind: 'prose' }, line: string): void {
    open.text = open.text.slice(0, open.text.length - open.lastLine.length - 1)
    this.#close()
    this.#open = { kind: 'table', head: `${open.lastLine}\n${line}\n`, rows: '', cost: 0, isRest: false }
  }

  #row(open: Open & { kind: 'table' }, line: string): void {
    const cost = costOf(line) + lineCost
    open.cost += cost
    if (open.cost > maxCost && open.rows !== '') {
      this.#close()
      this.#open = { kind: 'table', head: open.head, rows: '', cost, isRest: true }
    }
    const table = this.#open as Open & { kind: 'table' }
    // A row that exceeds the maximum piece cost is cut: the rest would be a cell of thousands of characters.
    table.rows += `${line.slice(0, placeOfCost(line, maxCost))}\n`
  }

  #proseLine(line: string): void {
    this.#collectDefinition(line)
    let rest = line
    const quote = /^ {0,3}>/.test(line) ? '> ' : ''
    for (let isFirst = true; rest !== ''; isFirst = false) {
      const open = this.#open?.kind === 'prose' ? this.#open : undefined
      const room = maxCost - (open?.cost ?? 0)
      const cost = costOf(rest)
      if (open !== undefined && open.cost > 0 && cost > room) {
        this.#close()
        this.#begin(isFirst && !isParagraph(open, line))
        continue
      }
      const end = cost > maxCost ? cutPlace(rest, placeOfCost(rest, maxCost)) : rest.length
      this.#append(this.#open === undefined ? this.#begin(true) : open!, rest.slice(0, end))
      rest = rest.slice(end)
      if (rest === '') return
      this.#close()
      if (quote !== '') rest = quote + rest.trimStart()
      this.#begin(quote !== '')
    }
  }

  #begin(isBlock: boolean): Open & { kind: 'prose' } {
    const open: Open & { kind: 'prose' } = {
      kind: 'prose',
      text: '',
      lastLine: '',
      cost: 0,
      isRest: !isBlock,
      isList: false,
      isAfterBlank: false,
    }
    this.#open = open
    return open
  }

  #append(open: Open & { kind: 'prose' }, line: string): void {
    open.text += `${line}\n`
    open.lastLine = line
    open.cost += costOf(line) + lineCost
    open.isAfterBlank = false
    if (itemPattern.test(line) && !open.isRest) open.isList = true
  }

  #collectDefinition(line: string): void {
    const label = definitionPattern.exec(line)?.[1]
    if (label === undefined || this.#definitions.size >= maxDefinitions || line.length > 2_000) return
    if (!this.#definitions.has(label)) this.#definitions.set(label, line)
  }

  #close(isFenceClosed = false): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    if (open.kind === 'code') {
      const { text, language, isInset } = open
      this.#pieces.push({ kind: 'code', text, language, isInset, isOpen: !isFenceClosed })
    } else if (open.kind === 'table') {
      this.#pieces.push({ kind: 'table', head: open.head, rows: open.rows, isRest: open.isRest })
    } else if (open.text.trim() !== '') {
      this.#pieces.push({ kind: 'prose', text: open.text, isRest: open.isRest })
    }
  }

  #reset(): void {
    this.#pieces = []
    this.#open = undefined
    this.#read = ''
    this.#definitions = new Map()
  }
}

/** Whether the next line belongs to another block, or may as well be read as one. */
function endsBefore(open: Open & { kind: 'prose' }, line: string): boolean {
  const isItem = itemPattern.test(line)
  if (open.isAfterBlank && !isItem && !/^\s/.test(line)) return true
  if (open.cost < easyCost) return false
  return isItem || /^ {0,3}>[ \t]*$/.test(line)
}

const isParagraph = (open: Open & { kind: 'prose' }, line: string): boolean =>
  !open.isList && !open.isAfterBlank && !blockStart.test(line) && !blockStart.test(open.lastLine)

/** Characters that may begin or end something within a line: each is looked at several times. */
const isSpecial = new Uint8Array(128)
for (const character of '*_[]`<>~&@!\\$|\r') isSpecial[character.charCodeAt(0)] = 1
const specialCost = 8
/** Cost of starting a line. */
const lineCost = 15

function costOf(text: string): number {
  let cost = text.length
  for (let at = 0; at < text.length; at++) if (isSpecial[text.charCodeAt(at)] === 1) cost += specialCost
  return cost
}

/** How many characters of `text` cost at most `most`; one at least. */
function placeOfCost(text: string, most: number): number {
  let cost = 0
  for (let at = 0; at < text.length; at++) {
    cost += isSpecial[text.charCodeAt(at)] === 1 ? specialCost + 1 : 1
    if (cost > most) return Math.max(1, at)
  }
  return text.length
}

/** Cuts near `most`, where it disturbs least: after a sentence, else between words, else between characters. */
function cutPlace(text: string, most: number): number {
  const least = Math.floor(most * 0.75)
  const near = text.slice(least, most)
  const sentence = Math.max(near.lastIndexOf('. '), near.lastIndexOf('。'))
  if (sentence >= 0) return least + sentence + 1
  const space = near.lastIndexOf(' ')
  if (space >= 0) return least + space + 1
  const isBetweenHalves = /[\uD800-\uDBFF]/.test(text[most - 1] ?? '') && most > 1
  return isBetweenHalves ? most - 1 : most
}
