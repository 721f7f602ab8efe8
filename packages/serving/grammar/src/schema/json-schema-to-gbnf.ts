/**
 * Converts a JSON Schema to a grammar in llama.cpp's notation (GBNF): every text of the grammar is JSON that satisfies the schema.
 * Constraints that cannot be enforced are rejected with their location, never ignored.
 */

import { schemaInvalid, schemaTooLarge, schemaUnsupported } from '../errors.ts'
import { choice, type Expression, rule, text } from '../gbnf/expression.ts'
import { commonRules, type Spaces } from '../gbnf/json-rules.ts'
import { pruneRules } from '../gbnf/prune-rules.ts'
import { GrammarTooLarge } from '../gbnf/rules.ts'
import { writeRules } from '../gbnf/write-gbnf.ts'
import { Admission } from './admits.ts'
import { type Alternative, Alternatives, type Need } from './alternatives.ts'
import type { CompilerContext } from './compiler-context.ts'
import { Emptiness } from './emptiness.ts'
import { Facts } from './facts.ts'
import type { JsonSchema } from './json-schema.ts'
import type { JsonType } from './keywords.ts'
import { literal } from './literal.ts'
import { Patterns } from './patterns.ts'
import { type Place, SchemaDocument } from './schema-document.ts'
import { writeArray } from './write-array.ts'
import { writeNumber } from './write-number.ts'
import { writeObject } from './write-object.ts'
import { writeString } from './write-string.ts'

export interface JsonSchemaToGbnfOptions {
  /**
   * White space between tokens. `loose`, the default: none, one space, or a line break with indentation. `compact`: none, which needs the
   * fewest tokens.
   */
  readonly spaces?: Spaces
}

/** Maximum schemas, and combinations of them, per grammar. */
const maxRules = 20_000

/**
 * The grammar of JSON that satisfies the schema; its root rule is `root`.
 *
 * Throws `schema_unsupported` (a keyword that cannot be enforced), `schema_invalid` (malformed or unsatisfiable) and `schema_too_large`,
 * each with the JSON pointer of the location.
 *
 * @example
 * ```ts
 * import { jsonSchemaToGbnf } from '@hadal/grammar'
 *
 * jsonSchemaToGbnf({ enum: ['yes', 'no'] }) // → 'root ::= "\\"yes\\"" | "\\"no\\""\n'
 * jsonSchemaToGbnf({ type: 'string', pattern: '(' }) // throws schema_invalid
 * ```
 */
export function jsonSchemaToGbnf(
  schema: JsonSchema,
  { spaces = 'loose' }: JsonSchemaToGbnfOptions = {},
): string {
  return new SchemaCompiler(new SchemaDocument(schema), spaces).compile()
}

class SchemaCompiler implements CompilerContext {
  readonly rules: Map<string, Expression>
  readonly sets: Map<string, string> = new Map<string, string>()
  readonly alternatives: Alternatives
  readonly admission: Admission
  readonly facts: Facts
  readonly patterns: Patterns = new Patterns()
  private readonly document: SchemaDocument
  private readonly named = new Map<string, string>()
  private readonly waiting: { readonly need: Need; readonly name: string }[] = []

  constructor(document: SchemaDocument, spaces: Spaces) {
    this.document = document
    this.rules = commonRules(spaces)
    this.alternatives = new Alternatives(document)
    this.admission = new Admission(this.alternatives, this.patterns)
    this.facts = new Facts(this.alternatives, this.admission)
  }

  compile(): string {
    const root = this.ruleFor([{ place: this.document.root }], 'root')
    if (root.kind === 'rule' && root.name !== 'root') this.rules.set('root', root)
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop())
      this.rules.set(next.name, this.write(next.need, next.name))
    this.checkExclusive()
    try {
      const rules = pruneRules(this.rules, 'root')
      if (rules === undefined) throw schemaInvalid('', 'no value satisfies it')
      return [...writeRules(rules)].map(([name, body]) => `${name} ::= ${body}\n`).join('')
    } catch (thrown) {
      throw thrown instanceof GrammarTooLarge ? schemaTooLarge('', thrown.message) : thrown
    }
  }

  readonly ruleFor = (need: Need, name: string): Expression => {
    if (need.every(({ place }) => place.schema === true)) return rule('json-value')
    const key = need
      .map(({ place }) => place.pointer)
      .toSorted()
      .join('\n')
    const known = this.named.get(key)
    if (known !== undefined) return rule(known)
    if (this.named.size >= maxRules)
      throw schemaTooLarge(need[0]!.place.pointer, 'its allOf and $ref combine too much')
    const free = this.freeName(need.length === 1 ? (definitionName(need[0]!.place) ?? name) : name)
    this.named.set(key, free)
    this.waiting.push({ need, name: free })
    return rule(free)
  }

  private write(need: Need, name: string): Expression {
    const [only, ...others] = need
    const alternatives = this.alternatives.of(need)
    const branches = others.length === 0 ? this.branchesOf(only!.place) : undefined
    if (branches !== undefined)
      return choice(...branches.map((branch, i) => this.ruleFor([{ place: branch }], `${name}-${i}`)))
    return choice(
      ...alternatives.map((each, i) =>
        this.writeAlternative(each, alternatives.length > 1 ? `${name}--${i}` : name),
      ),
    )
  }

  /** Resolves a schema that only references others to those, so that each is one rule wherever it is used. */
  private branchesOf(place: Place): readonly Place[] | undefined {
    const { about, types, values, not, also, anyOf, oneOf, discriminator } =
      this.alternatives.keywordsOf(place)
    if (about.size > 0 || (types ?? values ?? not ?? discriminator) !== undefined) return undefined
    const combined = [...also.map((each) => [each]), ...anyOf, ...(oneOf === undefined ? [] : [oneOf])]
    return combined.length === 1 ? combined[0] : undefined
  }

  private writeAlternative(alternative: Alternative, name: string): Expression {
    const values = this.facts.valuesOf(alternative, false)
    if (values !== undefined) return choice(...values.map(literal))
    const types = this.facts.typesOf(alternative, false)
    return choice(
      ...types.map((type) => this.writeType(type, alternative, types.length > 1 ? `${name}--${type}` : name)),
    )
  }

  private writeType(type: JsonType, alternative: Alternative, name: string): Expression {
    switch (type) {
      case 'object':
        return writeObject(this, alternative, name)
      case 'array':
        return writeArray(this, alternative, name)
      case 'string':
        return writeString(this, alternative, name)
      case 'number':
        return writeNumber(this, alternative, name)
      default: {
        const denied = this.facts.deniedOf(alternative).values
        const all = type === 'null' ? [null] : [true, false]
        return choice(...all.filter((value) => !denied.includes(value)).map((value) => text(String(value))))
      }
    }
  }

  /** Verifies that exactly one branch of each `oneOf` holds, by proving that no two can. */
  private checkExclusive(): void {
    const emptiness = new Emptiness(this.alternatives, this.facts, this.patterns)
    const { exclusive } = this.alternatives
    // More may be added during iteration, which a map supports.
    for (const place of exclusive.values()) {
      const { oneOf = [] } = this.alternatives.keywordsOf(place)
      if (oneOf.length > 200) throw schemaTooLarge(`${place.pointer}/oneOf`, 'more than 200 branches')
      for (const [i, a] of oneOf.entries()) {
        for (const [j, b] of oneOf.slice(0, i).entries()) {
          const need = [{ place: a }, { place: b }, { place, ownOnly: true }]
          if (emptiness.isEmpty(need)) continue
          throw schemaUnsupported(
            `${place.pointer}/oneOf`,
            `its branches ${j} and ${i} may hold for the same value; use anyOf, or tell them apart by type or a required const`,
          )
        }
      }
    }
  }

  /** A name used by no rule and not a prefix of derived ones. */
  private freeName(wanted: string): string {
    const plain = wanted.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'value'
    const short = plain.slice(0, 60)
    const taken = (name: string): boolean => this.names.has(name)
    let name = /^(json|ws)\b/.test(short) ? `of-${short}` : short
    for (let n = 2; taken(name); n++) name = `${short}-n${n}`
    this.names.add(name)
    return name
  }

  private readonly names = new Set<string>()
}

/** A definition's name in the schema. */
function definitionName({ pointer }: Place): string | undefined {
  return /\/(?:\$defs|definitions)\/([^/]+)$/.exec(pointer)?.[1]
}
