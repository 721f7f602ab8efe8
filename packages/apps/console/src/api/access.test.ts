import { beforeEach, describe, expect, it } from 'vitest'
import { access, told } from './access.ts'
import { ApiError } from './api-error.ts'

const expired = new ApiError(401, 'key_expired', 'the API key ends with ab expired')

describe('whether the server lets the page in', () => {
  beforeEach(() => {
    access.admin.set({ state: 'unknown' })
    access.client.set({ state: 'unknown' })
  })

  it('is told by answers of administrators alone for administrators', () => {
    told('admin', '/metrics', undefined)
    expect(access.admin.get().state).toBe('unknown')
    told('admin', '/hadal/console', undefined)
    expect(access.admin.get().state).toBe('open')
    expect(access.client.get().state).toBe('unknown')
  })

  it('remembers that it was let in before its key was over', () => {
    told('client', '/v1/models', expired)
    expect(access.client.get()).toEqual({ state: 'refused', error: expired, wasOpen: false })
    told('client', '/v1/models', undefined)
    told('client', '/v1/models', expired)
    told('client', '/v1/models', expired)
    expect(access.client.get()).toEqual({ state: 'refused', error: expired, wasOpen: true })
  })

  it('is not told by other errors', () => {
    told('client', '/v1/models', new ApiError(429, 'queue_full', 'full'))
    expect(access.client.get().state).toBe('unknown')
  })

  it('says that a door is at the other address of a server with a port for administrators', () => {
    const missing = new ApiError(404, 'route_not_found', 'there is no GET /hadal/console')
    told('admin', '/hadal/other', missing)
    expect(access.admin.get().state).toBe('unknown')
    told('admin', '/hadal/console', missing)
    expect(access.admin.get().state).toBe('elsewhere')
    told('client', '/v1/models', missing)
    expect(access.client.get().state).toBe('elsewhere')
  })
})
