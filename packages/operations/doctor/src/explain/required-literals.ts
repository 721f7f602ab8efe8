/**
 * The literals every match of a pattern must contain, so that hundreds of patterns need not be tried on each line. Analyses a
 * regular expression's source.
 */

/** Shorter ones are on too many lines to be worth looking for. */
const minLength = 3

/** A match has one of these in it, in small ASCII letters. Undefined: nothing can be said, the pattern has to be tried everywhere. */
export function requiredLiterals(pattern: RegExp): readonly string[] | undefined {
  // Unicode folding takes more than ASCII for a letter: the Kelvin sign is a k.
  if (pattern.ignoreCase && /[uv]/.test(pattern.flags)) return undefined
  const found = alternatives({ source: pattern.source, at: 0 })
  return found !== undefined && worth(found) >= minLength ? [...new Set(found)] : undefined
}

interface Reader {
  readonly source: string
  at: number
}

type Literals = readonly string[] | undefined

/** Up to the end or a closing bracket: one of each branch, or none if a branch has none. */
function alternatives(reader: Reader): Literals {
  const branches: Literals[] = [sequence(reader)]
  while (reader.source[reader.at] === '|') {
    reader.at += 1
    branches.push(sequence(reader))
  }
  const all: string[] = []
  for (const branch of branches) {
    if (branch === undefined) return undefined
    all.push(...branch)
  }
  return all
}

/** The best literals of a sequence of character runs and groups. */
function sequence(reader: Reader): Literals {
  let best: Literals
  let run = ''
  const offer = (literals: Literals): void => {
    if (literals !== undefined && (best === undefined || worth(literals) > worth(best))) best = literals
  }
  const endRun = (): void => {
    if (run !== '') offer([run])
    run = ''
  }
  while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at]!)) {
    const atom = readAtom(reader)
    const least = readQuantifier(reader)
    if (atom.kind === 'character' && least === undefined) {
      run += atom.text
      continue
    }
    // x+ has one x, which ends a run.
    if (atom.kind === 'character' && least! > 0) run += atom.text
    if (atom.kind === 'nothing') continue
    endRun()
    if (atom.kind === 'group' && (least === undefined || least > 0)) offer(atom.literals)
  }
  endRun()
  return best
}

/** By its shortest: each of them is looked for, and the shortest is found most often. */
const worth = (literals: readonly string[]): number =>
  literals.length === 0 ? 0 : Math.min(...literals.map(({ length }) => length))

type Atom =
  | { readonly kind: 'character'; readonly text: string }
  /** Takes no character: `^`, `\b`. */
  | { readonly kind: 'nothing' }
  /** One of several characters. */
  | { readonly kind: 'any' }
  | { readonly kind: 'group'; readonly literals: Literals }

const any: Atom = { kind: 'any' }
const nothing: Atom = { kind: 'nothing' }

function readAtom(reader: Reader): Atom {
  const { source } = reader
  const character = source[reader.at]!
  reader.at += 1
  if (character === '^' || character === '$') return nothing
  if (character === '.') return any
  if (character === '[') return readClass(reader)
  if (character === '(') return readGroup(reader)
  if (character === '\\') return readEscape(reader)
  return characterAtom(character)
}

const characterAtom = (character: string): Atom =>
  character > '\u007f' ? any : { kind: 'character', text: character.toLowerCase() }

function readClass(reader: Reader): Atom {
  for (; reader.at < reader.source.length; reader.at += 1) {
    if (reader.source[reader.at] === '\\') reader.at += 1
    else if (reader.source[reader.at] === ']') break
  }
  reader.at += 1
  return any
}

function readGroup(reader: Reader): Atom {
  const kind = /^\?(?:<?[=!]|:|<[^>]*>)/.exec(reader.source.slice(reader.at, reader.at + 80))?.[0] ?? ''
  reader.at += kind.length
  const literals = alternatives(reader)
  reader.at += 1
  return /^\?<?[=!]$/.test(kind) ? nothing : { kind: 'group', literals }
}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' }

function readEscape(reader: Reader): Atom {
  const rest = reader.source.slice(reader.at, reader.at + 80)
  const long = /^(?:x[\da-f]{2}|u[\da-f]{4}|u\{[^}]*\}|k<[^>]*>|[pP]\{[^}]*\}|c[a-z]|[1-9]\d*|0)/i.exec(
    rest,
  )?.[0]
  if (long !== undefined) {
    reader.at += long.length
    return any
  }
  const character = rest[0] ?? '\\'
  reader.at += 1
  if (character === 'b' || character === 'B') return nothing
  if ('dDwWsS'.includes(character)) return any
  return characterAtom(controls[character] ?? character)
}

/** Minimum repetitions; undefined without a quantifier. */
function readQuantifier(reader: Reader): number | undefined {
  const found = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(reader.source.slice(reader.at, reader.at + 24))
  if (found === null) return undefined
  reader.at += found[0].length
  if (found[1] !== undefined) return Number(found[1])
  return found[0].startsWith('+') ? 1 : 0
}
