export {
  createReplicatedEngine,
  type Replicas,
  type ReplicatedEngine,
  type ReplicatedEngineOptions,
  type ReplicaView,
} from './replicated-engine.ts'
