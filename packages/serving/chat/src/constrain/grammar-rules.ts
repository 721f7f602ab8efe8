/** Collects the rules of a grammar, including those of embedded schemas. */

import { isHadalError, isPlainObject } from '@hadal/base'
import { type JsonSchema, jsonObjectGbnf } from '@hadal/grammar'
import type { Tool } from '../conversation.ts'
import { json } from '../families/describe.ts'
import { argumentKind, propertiesOf, texts } from '../parse/argument-kind.ts'
import type { CallRules, Expression, Term } from './call-grammar.ts'
import { grammarText, termText, untilRules, withPrefix } from './gbnf.ts'
import { schemaGrammar } from './schema-grammars.ts'

type Tags = Parameters<CallRules['taggedArguments']>[1]

export class GrammarRules implements CallRules {
  readonly #rules = new Map<string, string>()
  readonly #inner: string[] = []
  /** Rule names by what they represent. */
  readonly #known = new Map<string, string>()

  /** The complete grammar. */
  text(root: Expression): string {
    return grammarText(root, this.#rules, this.#inner)
  }

  sequence(...terms: readonly Term[]): Expression {
    return {
      gbnf:
        terms
          .filter((term) => term !== '')
          .map(termText)
          .join(' ') || '""',
    }
  }

  choice(...terms: readonly Term[]): Expression {
    const [only, ...others] = terms
    if (only !== undefined && others.length === 0) return { gbnf: termText(only) }
    return { gbnf: `(${terms.map(termText).join(' | ')})` }
  }

  optional(term: Term): Expression {
    return { gbnf: `(${termText(term)})?` }
  }

  several(term: Term, between: string, parallel: boolean): Expression {
    if (!parallel) return { gbnf: termText(term) }
    const one = this.#rule('call', termText(term)).gbnf
    return { gbnf: `${one} (${this.sequence(between, { gbnf: one }).gbnf})*` }
  }

  argumentsOf(tool: Tool): Expression {
    return this.#tolerant(
      tool,
      () => this.schema(objectSchema(tool.parameters)),
      () => this.grammar(jsonObjectGbnf),
    )
  }

  callObject(tools: readonly Tool[], nameKey: string, argumentsKey: string, idKey?: string): Expression {
    return this.choice(
      ...tools.map((tool) =>
        this.sequence(
          `{"${nameKey}": ${json(tool.name)}, "${argumentsKey}": `,
          this.argumentsOf(tool),
          ...(idKey === undefined ? [] : [`, "${idKey}": "`, this.callId(), '"']),
          '}',
        ),
      ),
    )
  }

  taggedArguments(tool: Tool, tags: Tags): Expression {
    const { parameters } = tool
    const properties = propertiesOf(parameters)
    if (properties === undefined)
      return tool.parameters === undefined ? this.#anyTagged(tags) : { gbnf: '""' }
    const required: unknown = isPlainObject(parameters) ? parameters.required : undefined
    const needed = new Set(Array.isArray(required) ? required : [])
    const all = Object.entries(properties).map(([name, schema]) => {
      const one = this.#tolerant(
        tool,
        () => this.#tagged(name, schema, parameters, tags),
        () => this.#tagged(name, true, undefined, tags),
      )
      return needed.has(name) ? one : this.optional(one)
    })
    return this.sequence(...all)
  }

  callId(): Expression {
    return this.#rule('call-id', '[a-zA-Z0-9]{9}')
  }

  /** Any text up to and including the first `mark`. */
  until(mark: string): Expression {
    return this.#named(`until ${mark}`, 'until', (name) => {
      for (const [rule, body] of untilRules(name, mark)) this.#rules.set(rule, body)
    })
  }

  /** JSON that matches a schema. Throws what `@hadal/grammar` throws. */
  schema(schema: JsonSchema): Expression {
    return this.grammar(schemaGrammar(schema))
  }

  /** Embeds a complete grammar. */
  grammar(gbnf: string): Expression {
    return this.#named(`grammar ${gbnf}`, 'inner', (name) => {
      this.#inner.push(withPrefix(gbnf, `${name}-`), `${name} ::= ${name}-root`)
    })
  }

  #tagged(name: string, schema: unknown, parameters: unknown, tags: Tags): Expression {
    const kind = argumentKind(schema)
    const { open, close } = tags(name, kind === 'text')
    if (kind !== 'text')
      return this.sequence(...open, this.schema(withDefinitions(schema, parameters)), close)
    const listed = texts(schema)
    if (listed === undefined) return this.sequence(...open, this.until(close))
    return this.sequence(...open, this.choice(...listed), close)
  }

  /** Any arguments with any names. */
  #anyTagged(tags: Tags): Expression {
    const name = this.#rule('argument-name', '[a-zA-Z0-9_.-]+')
    const { open, close } = tags(name, true)
    return { gbnf: `(${this.sequence(...open, this.until(close)).gbnf})*` }
  }

  /** For a non-strict tool, a partially enforced schema is better than an error. */
  #tolerant(tool: Tool, exact: () => Expression, loose: () => Expression): Expression {
    try {
      return exact()
    } catch (thrown) {
      if (!isHadalError(thrown)) throw thrown
      if (tool.strict === true) throw thrown.with({ param: `tools (${tool.name})` })
      return loose()
    }
  }

  #rule(name: string, body: string): Expression {
    return this.#named(`${name} ${body}`, name, (free) => this.#rules.set(free, body))
  }

  #named(key: string, prefix: string, add: (name: string) => void): Expression {
    let name = this.#known.get(key)
    if (name === undefined) {
      name = `${prefix}-${this.#known.size}`
      this.#known.set(key, name)
      add(name)
    }
    return { gbnf: name }
  }
}

/** Arguments are always an object, even if the schema does not require it. */
function objectSchema(parameters: JsonSchema | undefined): JsonSchema {
  if (!isPlainObject(parameters)) return { type: 'object' }
  return 'type' in parameters ? parameters : { type: 'object', ...parameters }
}

/** A subschema together with the definitions it may reference. */
function withDefinitions(schema: unknown, parameters: unknown): JsonSchema {
  if (!isPlainObject(schema)) return schema !== false
  if (!isPlainObject(parameters)) return schema
  const { $defs, definitions } = parameters
  return {
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
    ...schema,
  }
}
