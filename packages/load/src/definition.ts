export { runDefinition, type DefinitionRunOptions } from './scenario/run-definition.ts';
