export { loadScript } from './script/load-script.ts';
export type { ScriptPackages } from './script/script-packages.ts';
