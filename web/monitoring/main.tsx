import { render } from 'preact';
import '../shared/style.css';

const root = document.getElementById('app');
if (root) render(<h1>Monitoring</h1>, root);
