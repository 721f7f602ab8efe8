/** GET /openapi.json: valid, and consistent with the routes and their schemas. */

import type { HadalServer } from '@hadal/server'
import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeEach, describe, expect, it } from 'vitest'
import { post, serve } from './serving.ts'

interface Operation {
  readonly operationId: string
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: object }>>
  readonly security?: readonly object[]
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, { properties?: object }>> }
}

/** Endless responses. */
const isStream = ({ responses }: Operation): boolean =>
  Object.keys(responses['200']?.content ?? {}).join() === 'text/event-stream'

const startOf = (server: HadalServer, url: string) => server.inject({ url, payloadAsStream: true })

describe('the OpenAPI document', () => {
  let document: Document
  let operations: readonly { readonly method: string; readonly path: string; readonly operation: Operation }[]
  beforeEach(async () => {
    const { server } = serve()
    const answer = await server.inject('/openapi.json')
    // A route without documentation, or the reverse, responds with 500.
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toContain('application/json')
    document = answer.json()
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    )
  })

  it('is valid', async () => {
    const result = await new Validator().validate(structuredClone(document) as never)
    expect(result).toEqual({ valid: true })
  })

  it('has every route, each with an id of its own', () => {
    expect(operations.length).toBeGreaterThan(50)
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
  })

  it('has routes that exist', async () => {
    const { server } = serve()
    for (const { method, path, operation } of operations) {
      const url = path.replace(/\{\w+\}/, 'x')
      if (isStream(operation)) {
        const { statusCode, stream } = await startOf(server, url)
        expect(statusCode, path).toBe(200)
        stream().destroy()
        continue
      }
      const answer = await server.inject({
        method: method.toUpperCase() as 'GET',
        url,
        ...(method === 'post' && { payload: '{', headers: { 'content-type': 'application/json' } }),
      })
      expect(answer.body, `${method} ${path}`).not.toContain(`there is no ${method.toUpperCase()} /`)
    }
  })

  it('names the statuses that come', async () => {
    const { server } = serve()
    for (const { method, path, operation } of operations) {
      if (method !== 'post' || operation.requestBody === undefined) continue
      for (const payload of ['{', '{"stream":"perhaps","prompt":7,"tokens":7,"content":7,"seconds":"few"}']) {
        const { status } = await post(server, path, payload)
        expect(Object.keys(operation.responses), `${path} ${payload}`).toContain(String(status))
      }
    }
  })

  it('describes bodies by what they are parsed with', () => {
    const { schemas } = document.components
    expect(schemas.ChatRequest).toMatchObject({ required: expect.arrayContaining(['messages']) })
    expect(schemas.NativeCompletionRequest!.properties).toHaveProperty('n_predict')
    for (const { path, operation } of operations) {
      const body = operation.requestBody?.content['application/json']?.schema
      const references = JSON.stringify(body ?? {}).match(/#\/components\/schemas\/\w+/g) ?? []
      if (body !== undefined) expect(references.length, path).toBeGreaterThan(0)
      for (const reference of references) expect(schemas).toHaveProperty(reference.split('/').at(-1)!)
    }
  })

  it('asks for a key where the server does', async () => {
    const { server } = serve({}, { apiKeys: ['k'] })
    for (const { method, path, operation } of operations) {
      const url = path.replace(/\{\w+\}/, 'x')
      const { statusCode } = isStream(operation)
        ? await startOf(server, url)
        : await server.inject({ method: method.toUpperCase() as 'GET', url })
      expect(statusCode === 401, path).toBe(operation.security === undefined)
    }
  })
})
