"""Brokers (技术经纪): whose mandate a sale is under, and what commission they earn on money received."""
