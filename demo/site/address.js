document.getElementById('address').textContent = location.hostname
