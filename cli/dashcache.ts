#!/usr/bin/env node
import { setHeapGrowth } from './heap-growth.js';
import { runCommand } from './run-command.js';
import { processTerminal } from './terminal.js';
import { keepTickShape } from './tick-shape.js';

keepTickShape();
setHeapGrowth();

// Not process.exit: `serve` goes on, and what is still to be written is written.
process.exitCode = await runCommand(process.argv.slice(2), processTerminal);
