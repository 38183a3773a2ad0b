import { render } from 'preact';
import { Api } from '../shared/api.js';
import { chosenTheme, showTheme } from '../shared/theme.js';
import { MonitoringPage } from './monitoring-page.js';
import '../shared/style.css';
import './monitoring.css';

showTheme(chosenTheme());
const root = document.getElementById('app');
if (root) render(<MonitoringPage api={new Api()} />, root);
