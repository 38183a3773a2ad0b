import { render } from 'preact';
import { Api } from './api.js';
import { MonitoringPage } from './monitoring-page.js';
import '../shared/style.css';
import './monitoring.css';

const root = document.getElementById('app');
if (root) render(<MonitoringPage api={new Api()} />, root);
