"""What follows a deal (结算): the price paid and released, fees, default, and the staff's part of the income."""
