"""Desks (工作台): what waits for whom, until when, and what money is to come; read from what the packages below hold."""
