import { describe, expect, it } from 'vitest'
import { ApiError, apiErrorOf } from './api-error.ts'

describe('an error of the server', () => {
  it('keeps the words, the code, the help, the field, the time to wait and the id of the request', () => {
    const headers = new Headers({ 'retry-after': '12', 'x-request-id': 'req-1' })
    const body = { error: { message: 'too many', code: 'rate_limited', help: 'Wait.', param: 'model' } }
    expect(apiErrorOf(429, body, headers)).toMatchObject({
      status: 429,
      message: 'too many',
      code: 'rate_limited',
      help: 'Wait.',
      field: 'model',
      retryAfterSeconds: 12,
      requestId: 'req-1',
    })
  })

  it('says its status where the answer is not of a server of ours', () => {
    for (const body of [undefined, '<html>', { error: 'no' }, { error: { message: 3 } }])
      expect(apiErrorOf(502, body)).toMatchObject({ code: 'not_json', status: 502 })
    expect(
      apiErrorOf(502, undefined, new Headers({ 'retry-after': 'soon' })).retryAfterSeconds,
    ).toBeUndefined()
  })

  it('knows when a key is what is missing', () => {
    expect(new ApiError(401, 'key_expired', '').needsKey).toBe(true)
    expect(new ApiError(403, 'admin_key_needed', '').needsKey).toBe(true)
    expect(new ApiError(403, 'model_forbidden', '').needsKey).toBe(false)
  })
})
