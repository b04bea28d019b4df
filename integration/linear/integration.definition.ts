import { builtIn } from '../src/built-in.ts';
import { defineSluiceIntegration } from '../src/define-sluice-integration.ts';

export default defineSluiceIntegration(builtIn('linear'));
