import { render } from 'preact';
import { chosenTheme, showTheme } from '../shared/theme.js';
import { App } from './app.js';
import '../shared/style.css';
import './dashboard.css';

showTheme(chosenTheme());
const root = document.getElementById('app');
if (root) render(<App />, root);
