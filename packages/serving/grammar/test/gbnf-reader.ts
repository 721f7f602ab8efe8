/**
 * An independent GBNF reader for tests, written from llama.cpp's description: samples texts and tests membership. Shares no code with the
 * package, so that both do not repeat the same mistake.
 */

export type Node =
  | {
      readonly kind: 'class'
      readonly ranges: readonly (readonly [number, number])[]
      readonly negated: boolean
    }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly items: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number }

export type Grammar = ReadonlyMap<string, Node>

export function readGbnf(text: string): Grammar {
  const rules = new Map<string, Node>()
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const [, name, body] = /^([A-Za-z0-9-]+) ::= (.*)$/.exec(line) ?? []
    if (name === undefined || body === undefined) throw new Error(`no rule: ${line}`)
    if (rules.has(name)) throw new Error(`${name} is defined twice`)
    const reader = new BodyReader(body)
    rules.set(name, reader.choice())
    if (reader.rest() !== '') throw new Error(`not understood in ${name}: ${reader.rest()}`)
  }
  for (const [name, body] of rules)
    for (const used of referencesIn(body))
      if (!rules.has(used)) throw new Error(`${name} uses ${used}, which is missing`)
  if (!rules.has('root')) throw new Error('no root')
  return rules
}

class BodyReader {
  private readonly body: string
  private at = 0

  constructor(body: string) {
    this.body = body
  }

  rest(): string {
    return this.body.slice(this.at)
  }

  choice(): Node {
    const items = [this.sequence()]
    while (this.take(/\s*\|/y)) items.push(this.sequence())
    return items.length === 1 ? items[0]! : { kind: 'choice', items }
  }

  private sequence(): Node {
    const items: Node[] = []
    for (let item = this.item(); item !== undefined; item = this.item()) items.push(item)
    return { kind: 'sequence', items }
  }

  private item(): Node | undefined {
    let node = this.atom()
    if (node === undefined) return undefined
    const bounds = this.take(/[*+?]|\{(\d+)(,?)(\d*)\}/y)
    if (bounds === undefined) return node
    const [sign, min, comma, max] = bounds
    const endless = Number.POSITIVE_INFINITY
    if (sign === '*') node = { kind: 'repeat', item: node, min: 0, max: endless }
    else if (sign === '+') node = { kind: 'repeat', item: node, min: 1, max: endless }
    else if (sign === '?') node = { kind: 'repeat', item: node, min: 0, max: 1 }
    else
      node = {
        kind: 'repeat',
        item: node,
        min: Number(min),
        max: comma === '' ? Number(min) : max === '' ? endless : Number(max),
      }
    return node
  }

  private atom(): Node | undefined {
    this.take(/\s+/y)
    if (this.take(/\(/y)) {
      const inner = this.choice()
      if (!this.take(/\s*\)/y)) throw new Error(`no ) in ${this.body}`)
      return inner
    }
    if (this.take(/"/y)) {
      const items: Node[] = []
      while (!this.take(/"/y)) {
        const c = this.character()
        items.push({ kind: 'class', ranges: [[c, c]], negated: false })
      }
      return { kind: 'sequence', items }
    }
    if (this.take(/\[/y)) {
      const negated = this.take(/\^/y) !== undefined
      const ranges: [number, number][] = []
      while (!this.take(/\]/y)) {
        const from = this.character()
        ranges.push([from, this.take(/-(?!\])/y) ? this.character() : from])
      }
      if (ranges.length === 0) throw new Error(`an empty class in ${this.body}`)
      return { kind: 'class', ranges, negated }
    }
    const name = this.take(/[A-Za-z0-9-]+/y)
    return name === undefined ? undefined : { kind: 'rule', name: name[0] }
  }

  private character(): number {
    const escaped = this.take(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([tnr\\"[\]-]))/y)
    if (escaped !== undefined) {
      const hex = escaped[1] ?? escaped[2] ?? escaped[3]
      if (hex !== undefined) return Number.parseInt(hex, 16)
      return ({ t: '\t', n: '\n', r: '\r' }[escaped[4]!] ?? escaped[4]!).codePointAt(0)!
    }
    const plain = this.take(/[^\\]/uy)
    if (plain === undefined) throw new Error(`no character at ${this.rest()}`)
    return plain[0].codePointAt(0)!
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.body)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found
  }
}

export function referencesIn(node: Node): string[] {
  if (node.kind === 'rule') return [node.name]
  if (node.kind === 'repeat') return referencesIn(node.item)
  return node.kind === 'class' ? [] : node.items.flatMap(referencesIn)
}
