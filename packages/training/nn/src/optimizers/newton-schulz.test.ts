import { manualSeed, scope, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orthogonalize } from './newton-schulz.ts'

it('keeps the singular vectors and brings every singular value near one', () => {
  const size = fc.integer({ min: 1, max: 24 })
  fc.assert(
    fc.property(
      size,
      size,
      fc.nat(1000),
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      (r, c, seed, by) => {
        scope(() => {
          manualSeed(seed)
          // Singular values from 1 to 1/20 of the largest: the range that five iterations equalise.
          const few = Math.min(r, c)
          const [u_rr] = torch.linalgQr(torch.randn([r, r]))
          const [v_cc] = torch.linalgQr(torch.randn([c, c]))
          const u_rk = torch.narrow(u_rr!, 1, 0, few)
          const v_kc = torch.narrow(v_cc!, 0, 0, few)
          const values_k = torch.linspace(1, 0.05, few)
          const made_rc = orthogonalize(u_rk.mul(values_k).matmul(v_kc).mul(by), 5)
          expect(made_rc.shape).toEqual([r, c])
          // In the basis of the matrix's singular vectors the result is diagonal.
          const found_kk = u_rk.t().matmul(made_rc).matmul(v_kc.t())
          const diagonal = found_kk.diagonal().toTypedArray() as Float32Array
          for (const value of diagonal) {
            expect(value).toBeGreaterThan(0.65)
            expect(value).toBeLessThan(1.25)
          }
          const beside = found_kk.sub(torch.diag(found_kk.diagonal())).abs().amax().item()
          expect(beside).toBeLessThan(1e-3)
        })
      },
    ),
    { numRuns: 30 },
  )
})
