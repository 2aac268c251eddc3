export { resolveDefinition, type DefinitionSource } from './plan/resolve-definition.ts';
export { loadScript, type ScriptContext } from './script/load-script.ts';
export { ScriptLoadError } from './script/script-load-error.ts';
export type { ScriptPackage, ScriptPackages } from './script/script-packages.ts';
