/** Response formats: every variant becomes a grammar or is rejected by field name. */

import { describe, expect, it } from 'vitest'
import { qwen } from './chat-models.ts'
import { chat, serve, user } from './serving.ts'

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const formats: Readonly<Record<string, object>> = {
  'response_format json_object': { response_format: { type: 'json_object' } },
  'response_format json_object with a schema': { response_format: { type: 'json_object', schema } },
  'response_format json_schema': {
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
  },
  'response_format json_schema as llama-server has it': {
    response_format: { type: 'json_schema', schema },
  },
  'response_format grammar': { response_format: { type: 'grammar', grammar: 'root ::= "city"' } },
  'response_format regex': { response_format: { type: 'regex', pattern: 'city|town' } },
  json_schema: { json_schema: schema },
  grammar: { grammar: 'root ::= "city"' },
  guided_json: { guided_json: schema },
  'guided_json as text': { guided_json: JSON.stringify(schema) },
  guided_regex: { guided_regex: 'city|town' },
  guided_choice: { guided_choice: ['city', 'town'] },
  guided_grammar: { guided_grammar: 'root ::= "city"' },
  'structured_outputs json': { structured_outputs: { json: schema } },
  'structured_outputs regex': { structured_outputs: { regex: 'city|town' } },
  'structured_outputs choice': { structured_outputs: { choice: ['city'] } },
  'structured_outputs grammar': { structured_outputs: { grammar: 'root ::= "city"' } },
  'structured_outputs json_object': { structured_outputs: { json_object: true } },
}

describe('an answer in a format', () => {
  it.each(Object.entries(formats))('is held to it: %s', async (name, fields) => {
    const { server, engine } = serve({ reply: 'x', model: qwen })
    const { status, body } = await chat(server, { ...user('Which city?'), ...fields })
    expect(status, body).toBe(200)
    const { gbnf } = engine.seen[0]!.request.grammar!
    expect(gbnf).toMatch(/root ::=/)
    if (!name.endsWith('json_object')) expect(gbnf).toContain('city')
  })

  it('is plain text where nothing is said, or text', async () => {
    const { server, engine } = serve({ reply: 'x', model: qwen })
    for (const fields of [{}, { response_format: { type: 'text' } }, { response_format: null, grammar: '' }])
      expect((await chat(server, { ...user('hi'), ...fields })).status).toBe(200)
    for (const { request } of engine.seen) expect(request).not.toHaveProperty('grammar')
  })

  it.each([
    ['response_format.type', { response_format: { type: 'sound' } }],
    ['response_format.schema', { response_format: { type: 'json_object', schema: 123 } }],
    ['response_format.schema', { response_format: { type: 'json_object', schema: { type: 123 } } }],
    ['response_format.schema', { response_format: { type: 'json_object', schema: { type: 'hiccup' } } }],
    [
      'response_format.json_schema.schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
    ],
    [
      'response_format.json_schema.schema',
      { response_format: { type: 'json_schema', json_schema: { schema: { $ref: '#/$defs/none' } } } },
    ],
    ['guided_json', { guided_json: '{' }],
    ['guided_regex', { guided_regex: '(' }],
    ['guided_choice', { guided_choice: [] }],
    ['json_schema', { grammar: 'root ::= "a"', json_schema: {} }],
  ])('is refused by the name of its field: %s', async (param, fields) => {
    const { server, engine } = serve({ reply: 'x', model: qwen })
    const { status, body } = await chat(server, { ...user('hi'), ...fields })
    expect([status, JSON.parse(body).error?.param], body).toEqual([400, param])
    expect(engine.seen).toHaveLength(0)
  })
})
