import { render } from 'preact';
import { App } from './app.js';
import '../shared/style.css';
import './dashboard.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
