import { beforeEach, describe, expect, it } from 'vitest'
import { access, reported } from './access.ts'
import { ApiError } from './api-error.ts'

const expired = new ApiError(401, 'key_expired', 'the API key ends with ab expired')

describe('whether the server lets the page in', () => {
  beforeEach(() => {
    access.admin.set({ state: 'unknown' })
    access.client.set({ state: 'unknown' })
  })

  it('is decided for administrators only by responses to administrator requests', () => {
    reported('admin', '/metrics', undefined)
    expect(access.admin.get().state).toBe('unknown')
    reported('admin', '/hadal/console', undefined)
    expect(access.admin.get().state).toBe('open')
    expect(access.client.get().state).toBe('unknown')
  })

  it('remembers that it was let in before its key was over', () => {
    reported('client', '/v1/models', expired)
    expect(access.client.get()).toEqual({ state: 'refused', error: expired, wasOpen: false })
    reported('client', '/v1/models', undefined)
    reported('client', '/v1/models', expired)
    reported('client', '/v1/models', expired)
    expect(access.client.get()).toEqual({ state: 'refused', error: expired, wasOpen: true })
  })

  it('is not decided by other errors', () => {
    reported('client', '/v1/models', new ApiError(429, 'queue_full', 'full'))
    expect(access.client.get().state).toBe('unknown')
  })

  it('says that a door is at the other address of a server with a port for administrators', () => {
    const missing = new ApiError(404, 'route_not_found', 'there is no GET /hadal/console')
    reported('admin', '/hadal/other', missing)
    expect(access.admin.get().state).toBe('unknown')
    reported('admin', '/hadal/console', missing)
    expect(access.admin.get().state).toBe('elsewhere')
    reported('client', '/v1/models', missing)
    expect(access.client.get().state).toBe('elsewhere')
  })
})
