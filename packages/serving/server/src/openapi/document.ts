/** Builds an OpenAPI 3.1 document from the registered routes and the documentation table. */

import { HadalError } from '@hadal/base'
import { jsonSchemas } from '@hadal/protocol'
import { errorAnswer } from '../answer/error-answer.ts'
import type { ErrorWriter } from '../dialect.ts'
import { routeAccess } from '../http/route-access.ts'
import { requestSchemas } from './request-schemas.ts'
import { type RouteDoc, routeDocs } from './route-docs.ts'
import { administered, bodied, type Declared, everyRoute, keyed, unreserved } from './route-errors.ts'

/** A route as registered with the router. */
export interface RegisteredRoute {
  readonly method: string
  readonly path: string
  readonly errors?: ErrorWriter | undefined
}

type Json = Readonly<Record<string, unknown>>

const schemaAt = (name: string): string => `#/components/schemas/${name}`

/** Throws if a route has no row in the table, or a row no route. */
export function openApiDocument(routes: readonly RegisteredRoute[], version: string): Json {
  const names = routes.map(({ method, path }) => `${method} ${path}`)
  const unknown = names.filter((name) => !Object.hasOwn(routeDocs, name))
  const gone = Object.keys(routeDocs).filter((name) => !names.includes(name))
  if (unknown.length + gone.length > 0)
    throw new Error(
      `routes without documentation: ${unknown.join(', ')}; and the other way: ${gone.join(', ')}`,
    )
  const paths: Record<string, Record<string, Json>> = {}
  for (const [index, route] of routes.entries()) {
    const path = templated(route.path)
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route, routeDocs[names[index]!]!)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hadal',
      version,
      description: 'Language models over the APIs of OpenAI, DeepSeek, Anthropic, llama-server and vLLM.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    // Keys are required only if the server was configured with some.
    security: [{ bearer: [] }, { key: [] }, {}],
    paths,
    components: {
      schemas: jsonSchemas(requestSchemas, schemaAt),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

/** `/slots/:id` to `/slots/{id}`; a wildcard is an id that may contain slashes. */
const templated = (path: string): string => path.replace(/:(\w+)/g, '{$1}').replace('*', '{id}')

function operation(route: RegisteredRoute, doc: RouteDoc): Json {
  const inPath = [...templated(route.path).matchAll(/{(\w+)}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const inQuery = doc.query.map((name) => ({ name, in: 'query', schema: { type: 'string' } }))
  const parameters = [...inPath, ...inQuery]
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^a-zA-Z0-9]+/g, '_')}`,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.isPublic && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(doc.bodies.length > 0 && { requestBody: requestBody(doc) }),
    responses: {
      ...(doc.answers.length > 0 && { [doc.isCreating ? 201 : 200]: answer(doc) }),
      ...errorResponses(route, doc),
    },
  }
}

function requestBody({ bodies }: RouteDoc): Json {
  const references = bodies.map((name) => ({ $ref: schemaAt(name) }))
  const schema = references.length === 1 ? references[0] : { anyOf: references }
  return { required: true, content: { 'application/json': { schema } } }
}

function answer({ answers, bodies }: RouteDoc): Json {
  const content = answers.map((type) => [
    type,
    { schema: type === 'application/json' ? {} : { type: 'string' } },
  ])
  const ignored = {
    description: 'Fields of the body that are not known here, and were ignored.',
    schema: { type: 'string' },
  }
  return {
    description: 'The answer.',
    content: Object.fromEntries(content),
    ...(bodies.length > 0 && { headers: { 'x-hadal-ignored-parameters': ignored } }),
  }
}

/** Error responses by status, in the format of the route's API, with every possible code. */
function errorResponses(
  { method, path, errors: writer }: RegisteredRoute,
  doc: RouteDoc,
): Record<string, Json> {
  const access = routeAccess(method, path, { privateMetrics: false })
  const possible = [
    ...doc.errors,
    ...(doc.bodies.length > 0 ? bodied : []),
    ...(doc.isPublic ? [] : keyed),
    ...(access === 'admin' ? administered : []),
    ...(access === 'client' ? unreserved : []),
    ...everyRoute,
  ]
  const byStatus = new Map<number, Declared[]>()
  const samples = new Map<number, unknown>()
  for (const error of possible) {
    const { status, body } = errorAnswer(sample(error), writer)
    byStatus.set(status, [...(byStatus.get(status) ?? []), error])
    if (!samples.has(status)) samples.set(status, body)
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, errors]) => [
        String(status),
        {
          description: errors.map(({ code, when }) => `\`${code}\`: ${when}`).join('\n\n'),
          content: {
            'application/json': { schema: shapeOf(samples.get(status)), example: samples.get(status) },
          },
          ...((status === 429 || status === 503 || status === 529) && {
            headers: {
              'retry-after': {
                description: 'Seconds after which to try again.',
                schema: { type: 'integer', minimum: 1 },
              },
            },
          }),
        },
      ]),
  )
}

const sample = ({ code, status, when }: Declared): HadalError =>
  new HadalError(when.replace(/\.$/, ''), { code, status, help: 'What to do next.' })

/** Derives a JSON Schema from an example response. */
function shapeOf(value: unknown): Json {
  if (value === null) return { type: ['string', 'null'] }
  if (typeof value === 'number') return { type: 'integer' }
  if (typeof value !== 'object') return { type: typeof value }
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)])),
    required: Object.keys(value),
  }
}
